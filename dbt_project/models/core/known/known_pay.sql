{{ known('pay') }}

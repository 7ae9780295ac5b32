{{ known('agency') }}

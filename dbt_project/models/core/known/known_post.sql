{{ known('post') }}

{{ known('event') }}

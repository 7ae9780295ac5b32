{{ known('talent') }}

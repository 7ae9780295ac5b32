{{ known('community') }}

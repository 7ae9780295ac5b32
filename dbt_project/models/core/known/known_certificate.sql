{{ known('certificate') }}

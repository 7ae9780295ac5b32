{{ known('task') }}

{{ known('project') }}

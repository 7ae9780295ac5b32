{{ known('project_staff') }}

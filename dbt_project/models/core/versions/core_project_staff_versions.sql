{{ core_versions('project_staff') }}

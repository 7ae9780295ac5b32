{{ core_versions('project') }}

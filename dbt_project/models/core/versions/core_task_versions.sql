{{ core_versions('task') }}

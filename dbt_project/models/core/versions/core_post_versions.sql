{{ core_versions('post') }}

{{ core_versions('event') }}

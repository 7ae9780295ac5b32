{{ core_versions('pay') }}

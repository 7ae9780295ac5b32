{{ core_versions('agency') }}

{{ core_versions('township') }}

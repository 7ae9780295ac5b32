{{ core_versions('talent') }}

{{ core_versions('certificate') }}

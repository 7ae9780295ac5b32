{{ core_versions('community') }}

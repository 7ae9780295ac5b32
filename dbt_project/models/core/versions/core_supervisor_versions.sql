{{ core_versions('supervisor') }}

{{ core_versions('summary') }}

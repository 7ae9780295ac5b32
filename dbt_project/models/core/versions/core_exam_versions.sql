{{ core_versions('exam') }}

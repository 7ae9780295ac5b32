{{ core_versions('funding') }}

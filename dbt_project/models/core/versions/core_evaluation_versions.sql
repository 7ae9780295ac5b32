{{ core_versions('evaluation') }}

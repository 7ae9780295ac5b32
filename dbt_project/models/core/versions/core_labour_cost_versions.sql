{{ core_versions('labour_cost') }}

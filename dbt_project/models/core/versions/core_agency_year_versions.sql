{{ core_versions('agency_year') }}

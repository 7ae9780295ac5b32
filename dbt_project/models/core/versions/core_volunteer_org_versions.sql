{{ core_versions('volunteer_org') }}

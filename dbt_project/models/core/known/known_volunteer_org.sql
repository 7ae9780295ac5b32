{{ known('volunteer_org') }}

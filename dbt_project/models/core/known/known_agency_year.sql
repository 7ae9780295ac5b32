{{ known('agency_year') }}

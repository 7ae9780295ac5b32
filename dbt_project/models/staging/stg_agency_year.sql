{{ stage('agency_year') }}

{{ stage('volunteer_org') }}

{{ stage('event') }}

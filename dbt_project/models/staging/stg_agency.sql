{{ stage('agency') }}

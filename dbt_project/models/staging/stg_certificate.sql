{{ stage('certificate') }}

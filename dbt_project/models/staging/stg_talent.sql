{{ stage('talent') }}

{{ stage('community') }}

{{ stage('post') }}

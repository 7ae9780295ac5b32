{{ stage('evaluation') }}

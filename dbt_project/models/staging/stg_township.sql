{{ stage('township') }}

{{ stage('pairing') }}

{{ stage('funding') }}

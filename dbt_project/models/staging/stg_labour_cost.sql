{{ stage('labour_cost') }}

{{ stage('exam_incentive') }}

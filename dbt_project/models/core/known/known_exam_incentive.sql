{{ known('exam_incentive') }}

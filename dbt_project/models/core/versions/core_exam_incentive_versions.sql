{{ core_versions('exam_incentive') }}

{{ in_force('exam_incentive') }}

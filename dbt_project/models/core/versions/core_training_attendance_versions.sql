{{ config(post_hook=[
    "{{ keep_index('core_training_attendance_by_person', 'person_key') }}",
    "{{ keep_index('core_training_attendance_by_session', '_unit_code, session_no') }}"
]) }}
{{ core_versions('training_attendance') }}

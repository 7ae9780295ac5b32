{{ known('training_attendance') }}

{{ known('township') }}

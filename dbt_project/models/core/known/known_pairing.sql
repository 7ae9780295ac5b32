{{ known('pairing') }}

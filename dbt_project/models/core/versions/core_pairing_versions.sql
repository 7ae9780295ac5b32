{{ core_versions('pairing') }}

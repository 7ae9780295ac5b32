{{ core_versions('service_request') }}

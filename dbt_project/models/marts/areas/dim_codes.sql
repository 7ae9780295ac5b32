select
    {{ publication_id() }} as publication_id,
    list_name,
    code,
    label
from {{ source('reference', 'code') }}

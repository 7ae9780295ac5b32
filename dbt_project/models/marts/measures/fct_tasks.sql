with

tasks as (
    select
        *,
        coalesce(done_date <= {{ as_of() }}, false) as is_done
    from {{ ref('at_task') }}
),

all_tasks as (
    select
        {{ publication_id() }} as publication_id,
        tasks.task_no,
        {{ place_and_source('tasks') }},
        extract(year from tasks.due_date)::integer as year,
        tasks.department,
        tasks.task,
        tasks.due_date,
        tasks.done_date,
        tasks.is_done,
        tasks.due_date <= {{ as_of() }} as is_due,
        tasks.due_date <= {{ as_of() }} and tasks.is_done as is_due_and_done,
        tasks.due_date < {{ as_of() }} and not tasks.is_done as is_overdue,
        coalesce(tasks.is_done and tasks.done_date > tasks.due_date, false) as is_done_late,
        tasks.effective_from
    from tasks
)

select * from all_tasks

// Generated from the migrations: do not edit. `npm run generate` renews it.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      audit_logs: {
        Row: {
          action:
            | 'create'
            | 'read'
            | 'update'
            | 'delete'
            | 'login'
            | 'logout'
            | 'approve'
            | 'reject'
            | 'export'
            | 'import'
            | 'system';
          actor_id: string | null;
          actor_role: string;
          after: Json | null;
          at: string;
          before: Json | null;
          event: string | null;
          id: number;
          ip: unknown;
          organization_id: string;
          request_id: string | null;
          row_key: Json | null;
          severity: 'info' | 'notice' | 'warning' | 'critical';
          table_name: string | null;
        };
        ComputedFields: never;
        Insert: {
          action:
            | 'create'
            | 'read'
            | 'update'
            | 'delete'
            | 'login'
            | 'logout'
            | 'approve'
            | 'reject'
            | 'export'
            | 'import'
            | 'system';
          actor_id?: string | null;
          actor_role: string;
          after?: Json | null;
          at?: string;
          before?: Json | null;
          event?: string | null;
          id?: never;
          ip?: unknown;
          organization_id: string;
          request_id?: string | null;
          row_key?: Json | null;
          severity?: 'info' | 'notice' | 'warning' | 'critical';
          table_name?: string | null;
        };
        Update: {
          action?:
            | 'create'
            | 'read'
            | 'update'
            | 'delete'
            | 'login'
            | 'logout'
            | 'approve'
            | 'reject'
            | 'export'
            | 'import'
            | 'system';
          actor_id?: string | null;
          actor_role?: string;
          after?: Json | null;
          at?: string;
          before?: Json | null;
          event?: string | null;
          id?: never;
          ip?: unknown;
          organization_id?: string;
          request_id?: string | null;
          row_key?: Json | null;
          severity?: 'info' | 'notice' | 'warning' | 'critical';
          table_name?: string | null;
        };
        Relationships: [];
      };
      invitations: {
        Row: {
          accepted_at: string | null;
          accepted_by: string | null;
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by: string | null;
          organization_id: string;
          plant_id: string | null;
          revoked_at: string | null;
          role_codes: string[];
          token_hash: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email: string;
          expires_at?: string;
          id: string;
          invited_by?: string | null;
          organization_id?: string;
          plant_id?: string | null;
          revoked_at?: string | null;
          role_codes?: string[];
          token_hash: string;
        };
        Update: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email?: string;
          expires_at?: string;
          id?: string;
          invited_by?: string | null;
          organization_id?: string;
          plant_id?: string | null;
          revoked_at?: string | null;
          role_codes?: string[];
          token_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'invitations_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'invitations_plant_id_fkey';
            columns: ['organization_id', 'plant_id'];
            isOneToOne: false;
            referencedRelation: 'plants';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      members: {
        Row: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: 'active' | 'suspended' | 'cancelled';
          status: 'pending' | 'active' | 'suspended';
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        ComputedFields: never;
        Insert: {
          approved_by?: string | null;
          created_at?: string;
          is_open?: never;
          joined_at?: string | null;
          organization_id?: string;
          organization_status?: 'active' | 'suspended' | 'cancelled';
          status?: 'pending' | 'active' | 'suspended';
          suspended_at?: string | null;
          updated_at?: string;
          user_id: string;
          user_is_active?: boolean;
        };
        Update: {
          approved_by?: string | null;
          created_at?: string;
          is_open?: never;
          joined_at?: string | null;
          organization_id?: string;
          organization_status?: 'active' | 'suspended' | 'cancelled';
          status?: 'pending' | 'active' | 'suspended';
          suspended_at?: string | null;
          updated_at?: string;
          user_id?: string;
          user_is_active?: boolean;
        };
        Relationships: [
          {
            foreignKeyName: 'members_organization_id_fkey';
            columns: ['organization_id', 'organization_status'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id', 'status'];
          },
          {
            foreignKeyName: 'members_user_id_fkey';
            columns: ['user_id', 'user_is_active'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['user_id', 'is_active'];
          },
        ];
      };
      organizations: {
        Row: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: 'active' | 'suspended' | 'cancelled';
          status_reason: string | null;
          suspended_at: string | null;
          tier: 'free' | 'basic' | 'professional' | 'enterprise';
          timezone: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: NonNullable<Json>;
          allow_self_registration?: boolean;
          billing_email?: string | null;
          cancelled_at?: string | null;
          contact_email?: string | null;
          contact_name?: string | null;
          contact_phone?: string | null;
          created_at?: string;
          created_by?: string | null;
          features?: NonNullable<Json>;
          id?: string;
          industry?: string | null;
          max_properties?: number;
          max_users?: number;
          name: string;
          requires_approval?: boolean;
          size?: string | null;
          slug: string;
          status?: 'active' | 'suspended' | 'cancelled';
          status_reason?: string | null;
          suspended_at?: string | null;
          tier?: 'free' | 'basic' | 'professional' | 'enterprise';
          timezone?: string;
          updated_at?: string;
        };
        Update: {
          address?: NonNullable<Json>;
          allow_self_registration?: boolean;
          billing_email?: string | null;
          cancelled_at?: string | null;
          contact_email?: string | null;
          contact_name?: string | null;
          contact_phone?: string | null;
          created_at?: string;
          created_by?: string | null;
          features?: NonNullable<Json>;
          id?: string;
          industry?: string | null;
          max_properties?: number;
          max_users?: number;
          name?: string;
          requires_approval?: boolean;
          size?: string | null;
          slug?: string;
          status?: 'active' | 'suspended' | 'cancelled';
          status_reason?: string | null;
          suspended_at?: string | null;
          tier?: 'free' | 'basic' | 'professional' | 'enterprise';
          timezone?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      permissions: {
        Row: {
          code: string;
          description: string;
          module: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          description: string;
          module?: never;
        };
        Update: {
          code?: string;
          description?: string;
          module?: never;
        };
        Relationships: [];
      };
      plants: {
        Row: {
          address: NonNullable<Json>;
          code: string;
          created_at: string;
          id: string;
          manager_id: string | null;
          name: string;
          organization_id: string;
          timezone: string | null;
          type: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: NonNullable<Json>;
          code: string;
          created_at?: string;
          id?: string;
          manager_id?: string | null;
          name: string;
          organization_id?: string;
          timezone?: string | null;
          type?: string;
          updated_at?: string;
        };
        Update: {
          address?: NonNullable<Json>;
          code?: string;
          created_at?: string;
          id?: string;
          manager_id?: string | null;
          name?: string;
          organization_id?: string;
          timezone?: string | null;
          type?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'plants_manager_id_fkey';
            columns: ['organization_id', 'manager_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
          {
            foreignKeyName: 'plants_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      roles: {
        Row: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          description?: string | null;
          is_system?: boolean;
          name: string;
          organization_id?: string;
          permissions?: string[];
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          description?: string | null;
          is_system?: boolean;
          name?: string;
          organization_id?: string;
          permissions?: string[];
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'roles_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      user_plant_access: {
        Row: {
          access_level: 'read' | 'write' | 'admin';
          granted_at: string;
          granted_by: string | null;
          organization_id: string;
          plant_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          access_level?: 'read' | 'write' | 'admin';
          granted_at?: string;
          granted_by?: string | null;
          organization_id?: string;
          plant_id: string;
          user_id: string;
        };
        Update: {
          access_level?: 'read' | 'write' | 'admin';
          granted_at?: string;
          granted_by?: string | null;
          organization_id?: string;
          plant_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'user_plant_access_plant_id_fkey';
            columns: ['organization_id', 'plant_id'];
            isOneToOne: false;
            referencedRelation: 'plants';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'user_plant_access_user_id_fkey';
            columns: ['organization_id', 'user_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
        ];
      };
      user_profiles: {
        Row: {
          created_at: string;
          current_organization_id: string | null;
          deactivated_at: string | null;
          deactivated_by: string | null;
          deactivation_reason: string | null;
          display_name: string;
          is_active: boolean;
          last_seen_at: string | null;
          platform_role: 'user' | 'superadmin';
          preferences: NonNullable<Json>;
          sso_provider: string | null;
          sso_user_id: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          current_organization_id?: string | null;
          deactivated_at?: string | null;
          deactivated_by?: string | null;
          deactivation_reason?: string | null;
          display_name: string;
          is_active?: boolean;
          last_seen_at?: string | null;
          platform_role?: 'user' | 'superadmin';
          preferences?: NonNullable<Json>;
          sso_provider?: string | null;
          sso_user_id?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          current_organization_id?: string | null;
          deactivated_at?: string | null;
          deactivated_by?: string | null;
          deactivation_reason?: string | null;
          display_name?: string;
          is_active?: boolean;
          last_seen_at?: string | null;
          platform_role?: 'user' | 'superadmin';
          preferences?: NonNullable<Json>;
          sso_provider?: string | null;
          sso_user_id?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [];
      };
      user_roles: {
        Row: {
          department: string | null;
          expires_at: string | null;
          granted_at: string;
          granted_by: string | null;
          id: string;
          member_is_open: boolean;
          organization_id: string;
          plant_id: string | null;
          role_code: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          department?: string | null;
          expires_at?: string | null;
          granted_at?: string;
          granted_by?: string | null;
          id?: string;
          member_is_open?: boolean;
          organization_id?: string;
          plant_id?: string | null;
          role_code: string;
          user_id: string;
        };
        Update: {
          department?: string | null;
          expires_at?: string | null;
          granted_at?: string;
          granted_by?: string | null;
          id?: string;
          member_is_open?: boolean;
          organization_id?: string;
          plant_id?: string | null;
          role_code?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'user_roles_plant_id_fkey';
            columns: ['organization_id', 'user_id', 'plant_id'];
            isOneToOne: false;
            referencedRelation: 'user_plant_access';
            referencedColumns: ['organization_id', 'user_id', 'plant_id'];
          },
          {
            foreignKeyName: 'user_roles_role_code_fkey';
            columns: ['organization_id', 'role_code'];
            isOneToOne: false;
            referencedRelation: 'roles';
            referencedColumns: ['organization_id', 'code'];
          },
          {
            foreignKeyName: 'user_roles_user_id_fkey';
            columns: ['organization_id', 'user_id', 'member_is_open'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id', 'is_open'];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      accept_invitation: {
        Args: { token: string };
        Returns: Database['public']['CompositeTypes']['organization_membership'];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      approve_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_organization: {
        Args: { id: string; reason: string };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      check_permission: { Args: { code: string; plant_id?: string }; Returns: boolean };
      check_request: { Args: Record<PropertyKey, never>; Returns: undefined };
      check_user_integrity: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['user_integrity_problem'][];
        SetofOptions: {
          from: '*';
          to: 'user_integrity_problem';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      claim_jobs: {
        Args: { quantity?: number; queue: string; visibility_seconds?: number };
        Returns: {
          attempt: number;
          enqueued_at: string;
          kind: string;
          message_id: number;
          payload: Json;
        }[];
      };
      complete_jobs: { Args: { message_ids: number[]; queue: string }; Returns: number };
      create_invitation: {
        Args: { email: string; id: string; plant_id?: string; role_codes?: string[]; token_hash: string };
        Returns: Database['public']['CompositeTypes']['open_invitation'];
        SetofOptions: {
          from: '*';
          to: 'open_invitation';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_organization: {
        Args: {
          id?: string;
          max_users?: number;
          name: string;
          owner_id?: string;
          slug: string;
          tier?: string;
          timezone?: string;
        };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_role: {
        Args: { code: string; description?: string; name: string; permissions?: string[] };
        Returns: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      custom_access_token_hook: { Args: { event: Json }; Returns: Json };
      deactivate_user: {
        Args: { id: string; reason: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      dead_letters: {
        Args: { queue: string };
        Returns: Database['public']['CompositeTypes']['dead_letter'][];
        SetofOptions: {
          from: '*';
          to: 'dead_letter';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      delete_role: {
        Args: { code: string };
        Returns: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_user: { Args: { id: string }; Returns: undefined };
      fail_job: {
        Args: { attempt?: number; error: string; is_final?: boolean; message_id: number; queue: string };
        Returns: string;
      };
      get_user: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      grant_plant_access: {
        Args: { access_level?: string; plant_id: string; user_id: string };
        Returns: {
          access_level: string;
          granted_at: string;
          granted_by: string | null;
          organization_id: string;
          plant_id: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_plant_access';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      grant_role: {
        Args: {
          department?: string;
          expires_at?: string;
          plant_id?: string;
          role_code: string;
          user_id: string;
        };
        Returns: {
          department: string | null;
          expires_at: string | null;
          granted_at: string;
          granted_by: string | null;
          id: string;
          member_is_open: boolean;
          organization_id: string;
          plant_id: string | null;
          role_code: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      invitation_to_send: {
        Args: { invitation_id: string; organization_id: string };
        Returns: Database['public']['CompositeTypes']['invitation_mail'][];
        SetofOptions: {
          from: '*';
          to: 'invitation_mail';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      is_organization_id: { Args: { candidate: string }; Returns: boolean };
      is_superadmin: { Args: Record<PropertyKey, never>; Returns: boolean };
      jobs_overview: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['job_queue_overview'][];
        SetofOptions: {
          from: '*';
          to: 'job_queue_overview';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      join_organization: {
        Args: { slug: string };
        Returns: Database['public']['CompositeTypes']['organization_membership'];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_members: {
        Args: { page?: number; per_page?: number; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['member_page'];
        SetofOptions: {
          from: '*';
          to: 'member_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_organizations: {
        Args: { page?: number; per_page?: number; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['organization_page'];
        SetofOptions: {
          from: '*';
          to: 'organization_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_users: {
        Args: { page?: number; per_page?: number; role?: string; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['user_page'];
        SetofOptions: {
          from: '*';
          to: 'user_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      my_organizations: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['organization_membership'][];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      my_permissions: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['held_permission'][];
        SetofOptions: {
          from: '*';
          to: 'held_permission';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      organization_usage: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['organization_use'][];
        SetofOptions: {
          from: '*';
          to: 'organization_use';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      purge_organization: {
        Args: { confirm_name: string; id: string };
        Returns: Database['public']['CompositeTypes']['organization_use'][];
        SetofOptions: {
          from: '*';
          to: 'organization_use';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      reactivate_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reactivate_organization: {
        Args: { id: string };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reactivate_user: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      record_security_event: {
        Args: {
          actor_id?: string;
          details?: Json;
          event: string;
          organization_id?: string;
          severity?: string;
        };
        Returns: undefined;
      };
      reject_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      remove_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      replay_dead_letters: { Args: { message_ids?: number[]; queue: string }; Returns: number };
      revoke_invitation: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['open_invitation'];
        SetofOptions: {
          from: '*';
          to: 'open_invitation';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_plant_access: {
        Args: { plant_id: string; user_id: string };
        Returns: {
          access_level: string;
          granted_at: string;
          granted_by: string | null;
          organization_id: string;
          plant_id: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_plant_access';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_role: {
        Args: { id: string };
        Returns: {
          department: string | null;
          expires_at: string | null;
          granted_at: string;
          granted_by: string | null;
          id: string;
          member_is_open: boolean;
          organization_id: string;
          plant_id: string | null;
          role_code: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      run_user_sync_job: { Args: { message_id: number }; Returns: boolean };
      suspend_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      suspend_organization: {
        Args: { id: string; reason: string };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      switch_organization: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['organization_membership'];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      sync_user_profiles: {
        Args: { dry_run?: boolean };
        Returns: Database['public']['CompositeTypes']['user_sync_report'];
        SetofOptions: {
          from: '*';
          to: 'user_sync_report';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_organization: {
        Args: {
          features?: Json;
          id: string;
          max_properties?: number;
          max_users?: number;
          name?: string;
          slug?: string;
          tier?: string;
          timezone?: string;
        };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_platform_settings: { Args: { allow_organization_sign_up: boolean }; Returns: boolean };
      update_role: {
        Args: { code: string; description?: string; name?: string; permissions?: string[] };
        Returns: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_user: {
        Args: { display_name?: string; id: string; platform_role?: string; preferences?: Json };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      waiting_queues: { Args: Record<PropertyKey, never>; Returns: string[] };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      dead_letter: {
        message_id: number;
        kind: string | null;
        payload: Json | null;
        error: string | null;
        attempts: number | null;
        died_at: string | null;
      };
      held_permission: {
        permission: string;
        plant_id: string | null;
      };
      invitation_mail: {
        invitation_id: string;
        email: string;
        organization_name: string;
        inviter_name: string | null;
        role_names: string[];
        expires_at: string;
      };
      job_queue_overview: {
        queue: string;
        waiting: number;
        delayed: number;
        in_progress: number;
        failing: number;
        dead_letters: number;
        oldest_waiting_seconds: number;
        last_failed_at: string | null;
        last_error: string | null;
      };
      member_page: {
        members: Database['public']['CompositeTypes']['member_summary'][];
        total: number;
        page: number;
        per_page: number;
      };
      member_summary: {
        user_id: string;
        display_name: string;
        email: string | null;
        status: 'pending' | 'active' | 'suspended';
        user_is_active: boolean;
        role_codes: string[];
        joined_at: string | null;
        last_seen_at: string | null;
        created_at: string;
      };
      open_invitation: {
        invitation_id: string;
        email: string;
        role_codes: string[];
        plant_id: string | null;
        expires_at: string;
      };
      organization_membership: {
        organization_id: string;
        organization_name: string;
        slug: string;
        organization_status: 'active' | 'suspended' | 'cancelled';
        member_status: 'pending' | 'active' | 'suspended' | null;
        role_codes: string[];
        is_current: boolean;
      };
      organization_page: {
        organizations: Database['public']['CompositeTypes']['organization_summary'][];
        total: number;
        page: number;
        per_page: number;
      };
      organization_summary: {
        id: string;
        name: string;
        slug: string;
        status: 'active' | 'suspended' | 'cancelled';
        tier: 'free' | 'basic' | 'professional' | 'enterprise';
        max_users: number;
        active_members: number;
        pending_members: number;
        plants: number;
        created_at: string;
      };
      organization_use: {
        resource: string;
        used: number;
        allowed: number | null;
      };
      user_account: {
        id: string;
        email: string | null;
        phone: string | null;
        display_name: string;
        platform_role: 'user' | 'superadmin';
        is_active: boolean;
        last_sign_in_at: string | null;
        created_at: string | null;
        profile_status: 'present' | 'missing';
      };
      user_integrity_problem: {
        problem:
          | 'user_without_profile'
          | 'profile_without_user'
          | 'duplicate_profile'
          | 'dangling_reference'
          | 'reference_not_validated'
          | 'undeclared_reference'
          | 'missing_trigger'
          | 'disabled_trigger';
        object: string;
        user_id: string | null;
        detail: string;
        remedy: string;
      };
      user_page: {
        users: Database['public']['CompositeTypes']['user_account'][];
        total: number;
        page: number;
        per_page: number;
      };
      user_sync_report: {
        total_auth_users: number;
        existing_profiles: number;
        missing_profiles: number;
        created_profiles: number;
        failed_creations: number;
        duration_ms: number;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema['Tables'] & DefaultSchema['Views']) | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    keyof DefaultSchema['Enums'] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema['CompositeTypes'] | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;

/** The values of `audit_logs.action`. */
export const auditLogsAction = [
  'create',
  'read',
  'update',
  'delete',
  'login',
  'logout',
  'approve',
  'reject',
  'export',
  'import',
  'system',
] as const;

/** The values of `audit_logs.severity`. */
export const auditLogsSeverity = ['info', 'notice', 'warning', 'critical'] as const;

/** The values of `members.status`. */
export const membersStatus = ['pending', 'active', 'suspended'] as const;

/** The values of `members.organization_status`. */
export const membersOrganizationStatus = ['active', 'suspended', 'cancelled'] as const;

/** The values of `organizations.status`. */
export const organizationsStatus = ['active', 'suspended', 'cancelled'] as const;

/** The values of `organizations.tier`. */
export const organizationsTier = ['free', 'basic', 'professional', 'enterprise'] as const;

/** The values of `user_account.profile_status`. */
export const userAccountProfileStatus = ['present', 'missing'] as const;

/** The values of `user_integrity_problem.problem`. */
export const userIntegrityProblemProblem = [
  'user_without_profile',
  'profile_without_user',
  'duplicate_profile',
  'dangling_reference',
  'reference_not_validated',
  'undeclared_reference',
  'missing_trigger',
  'disabled_trigger',
] as const;

/** The values of `user_plant_access.access_level`. */
export const userPlantAccessAccessLevel = ['read', 'write', 'admin'] as const;

/** The values of `user_profiles.platform_role`. */
export const userProfilesPlatformRole = ['user', 'superadmin'] as const;
